# frozen_string_literal: true

docker = toml({ content: inspec.profile.file('image.toml') }).params['docker']

control 'docker-01' do
  impact 1.0
  title 'Docker is installed and starts with the machine'
  describe file(docker['program']) do
    it { should be_file }
    it { should be_executable }
  end
  describe service(docker['service']) do
    it { should be_enabled }
  end
end

control 'docker-02' do
  impact 0.7
  title 'Docker answers'
  only_if('the system does not run') { input('booted') }
  # As root: the login user of a cloud need not be the one that Sindri is installed for.
  describe command('sudo -n docker info') do
    its('exit_status') { should eq 0 }
  end
end

control 'docker-03' do
  impact 0.5
  title 'The user may talk to Docker'
  describe user(input('user')) do
    its('groups') { should include docker['group'] }
  end
end
