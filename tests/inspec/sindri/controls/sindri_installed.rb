# frozen_string_literal: true

sindri = toml({ content: inspec.profile.file('image.toml') }).params['sindri']
home = "/home/#{input('user')}"

control 'sindri-01' do
  impact 1.0
  title 'sindri runs and says its version'
  describe file(sindri['program']) do
    it { should be_file }
    it { should be_executable }
    its('owner') { should eq 'root' }
  end
  describe command("#{sindri['program']} --version") do
    its('exit_status') { should eq 0 }
    its('stdout') { should match(/\d+\.\d+\.\d+/) }
  end
end

control 'sindri-02' do
  impact 0.7
  title "The directories of Sindri are the user's"
  sindri['directories'].each do |directory|
    describe file("#{home}/#{directory}") do
      it { should be_directory }
      its('owner') { should eq input('user') }
    end
  end
end

control 'sindri-03' do
  impact 0.5
  title 'Shells know where Sindri is'
  sindri['variables'].each do |variable|
    describe file(sindri['environment']) do
      its('content') { should match(/^export #{variable}=/) }
    end
  end
end

control 'sindri-04' do
  impact 0.5
  title 'sindri finds nothing wrong with itself'
  only_if('the system does not run') { input('booted') }
  describe command("sudo -n -H -u #{input('user')} #{sindri['program']} doctor") do
    its('exit_status') { should eq 0 }
  end
end
